import XPMProtocol

/// A URL on standard output: alone where one service was named, so that it can be handed on; behind the service's name and a tab where
/// several were.
struct URLLine {
    private let isAlone: Bool

    init(_ batch: Batch) { isAlone = batch.isSingle }

    func show(_ url: String, of service: ServiceRecord) throws {
        let url = Sanitizer.line(url)
        try StandardOutput.write(isAlone ? "\(url)\n" : "\(Sanitizer.line(service.identity.fullName))\t\(url)\n")
    }
}
