import XPMPatterns

extension FuzzTarget {
    /// A pattern of log readiness and, behind a NUL, a line.
    static let patterns: [FuzzTarget] = [
        FuzzTarget(name: "patterns") { bytes in
            let (text, line) = bytes.halves
            guard let text = String(validating: text, as: UTF8.self), let pattern = try? LinePattern(text) else {
                return
            }
            let lines: [[UInt8]] = [Array(line), [], Array("ready at http://127.0.0.1:8080/?token=a\u{e9}".utf8)]
            for line in lines {
                let match = pattern.match(line)
                try require(pattern.match(line) == match, "a line matches as it did before")
                guard case .found(let url?) = match else { continue }
                try require(
                    url.lowerBound >= 0 && url.upperBound <= line.count, "what matches is within the line")
            }
        }
    ]
}
