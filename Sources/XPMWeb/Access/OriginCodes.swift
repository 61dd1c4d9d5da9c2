import XPMClient
import XPMProtocol

/// Codes that lead a signed-in browser from the dashboard to a service's origin: each counts once, there alone, and not for long.
struct OriginCodes {
    private struct Code {
        var label: String
        var session: Digest
        var expiresAt: Timestamp
    }

    private static let lifetime: Int64 = 30_000
    /// How many may be on their way. The oldest one makes way.
    static let most = 256

    private var codes: [Digest: Code] = [:]

    /// A code for the origin of `label`, of a browser with this session at the dashboard.
    mutating func make(for label: String, session: Digest, at moment: Timestamp = .now) -> String {
        codes = codes.filter { moment < $0.value.expiresAt }
        if codes.count >= Self.most, let oldest = codes.min(by: { $0.value.expiresAt < $1.value.expiresAt }) {
            codes[oldest.key] = nil
        }
        let secret = WebSecret.make()
        codes[.sha256(secret)] = Code(
            label: label, session: session,
            expiresAt: Timestamp(milliseconds: moment.milliseconds + Self.lifetime))
        return secret
    }

    /// Uses a code up: the session that it was made by, if it was made for `label`. A wrong place uses it up, too.
    mutating func redeem(_ secret: String, at label: String, _ moment: Timestamp = .now) -> Digest? {
        guard let code = codes.removeValue(forKey: .sha256(secret)), code.label == label, moment < code.expiresAt else {
            return nil
        }
        return code.session
    }
}
