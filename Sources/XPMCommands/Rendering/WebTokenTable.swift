import XPMClient
import XPMProtocol

/// Tokens of the web page, a line each.
enum WebTokenTable {
    static func text(_ tokens: [WebToken], now: Timestamp, style: Style) -> String {
        var table = Table(["ID", "NAME", "SCOPE", "AGE", "EXPIRES"], style: style)
        for token in tokens {
            table.add([
                Table.Cell(token.id), Table.Cell(token.name), Table.Cell(token.scope.rawValue),
                Table.Cell(Age.text(since: token.createdAt, now: now)), Table.Cell(expiry(of: token, now)),
            ])
        }
        return table.text
    }

    private static func expiry(of token: WebToken, _ now: Timestamp) -> String {
        guard let expiry = token.expiresAt else { return "never" }
        guard token.isValid(at: now) else { return "expired" }
        return "in \(Age.text(seconds: (expiry.milliseconds - now.milliseconds) / 1000))"
    }
}
