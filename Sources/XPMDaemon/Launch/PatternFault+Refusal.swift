import XPMPatterns
import XPMProtocol

extension PatternFault {
    /// The error of a request with such a pattern in that parameter.
    func refusal(of pattern: String, as purpose: String, parameter: String) -> WireError {
        let message = "cannot use \(Name.quoted(pattern)) as \(purpose): \(cause)"
        guard case .tooDeep = self else { return WireError(.invalidParameters, message) }
        return WireError(
            .limitExceeded, message,
            data: [
                "parameter": .string(parameter), "limit": .integer(Int64(LogPattern.nestingLimit)),
                "unit": .string(Limit.patternDepth.unit.rawValue),
            ])
    }
}
