import Glibc
import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

@Suite struct WebAccessTests {
    let scratch = ScratchFolder()
    var web: WebAccess { WebAccess(stateFolder: scratch.path) }

    @Test func aCodeCountsOnce() throws {
        let code = try web.makeCode()
        #expect(WebCode.redeem(code, in: web.codes))
        #expect(!WebCode.redeem(code, in: web.codes))
        #expect(!WebCode.redeem("", in: web.codes))
    }

    @Test func manyWhoRedeemTheSameCodeGetItOnce() async throws {
        let (code, codes) = (try web.makeCode(), web.codes)
        let redeemed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 { group.addTask { WebCode.redeem(code, in: codes) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(redeemed == 1)
    }

    @Test func aCodeExpires() throws {
        let code = try web.makeCode(lifetime: .seconds(60))
        #expect(!WebCode.redeem(code, in: web.codes, at: Timestamp(milliseconds: Timestamp.now.milliseconds + 60_001)))
        // Nor does one count that a clock which was set back would keep for hours.
        let other = try web.makeCode()
        #expect(
            !WebCode.redeem(other, in: web.codes, at: Timestamp(milliseconds: Timestamp.now.milliseconds - 3_600_000)))
    }

    @Test func expiredCodesLeaveNoFiles() throws {
        for _ in 0..<3 { _ = try web.makeCode(lifetime: .zero) }
        _ = try web.makeCode()
        #expect(scratch.names(in: "web/codes").count == 1)
    }

    @Test func filesAreBornPrivateAndHoldNoSecret() throws {
        let code = try web.makeCode()
        let token = try web.makeToken(named: "ci", scope: .read)
        #expect(scratch.mode(of: "web") == 0o700)
        for (folder, secret) in [("web/codes", code), ("web/tokens", token)] {
            #expect(scratch.mode(of: folder) == 0o700)
            let names = scratch.names(in: folder)
            #expect(names == [Digest.sha256(secret).hexadecimal])
            for name in names {
                #expect(scratch.mode(of: "\(folder)/\(name)") == 0o600)
                let text = String(
                    decoding: web.codes.read(name: name) ?? web.tokens.read(name: name) ?? [], as: UTF8.self)
                #expect(!text.isEmpty && !text.contains(secret))
            }
        }
    }

    @Test func aFolderThatOthersMayEnterIsNotTrusted() throws {
        mkdir(scratch.path + "/web", 0o755)
        chmod(scratch.path + "/web", 0o755)
        #expect { try web.makeCode() } throws: { ($0 as? WireError)?.code == .untrusted }
    }

    @Test func foreignFilesAreLeftAlone() throws {
        _ = try web.makeToken(named: "ci", scope: .all)
        let names = ["notes", String(repeating: "a", count: 64), String(repeating: "A", count: 64)]
        for name in names {
            let file = open("\(scratch.path)/web/tokens/\(name)", O_CREAT | O_WRONLY, 0o600)
            write(file, "mine", 4)
            close(file)
        }
        symlink("/etc/passwd", "\(scratch.path)/web/tokens/\(String(repeating: "b", count: 64))")
        mkdir("\(scratch.path)/web/tokens/\(String(repeating: "c", count: 64))", 0o700)
        #expect(web.list().map(\.name) == ["ci"])
        try web.revoke("ci")
        #expect(scratch.names(in: "web/tokens").count == 5)
    }

    @Test func tokensAreListedAndRevokedByIDOrName() throws {
        let token = try web.makeToken(named: "one", scope: .read)
        _ = try web.makeToken(named: "two", scope: .control)
        _ = try web.makeToken(named: "two", scope: .all)
        #expect(Set(web.list().map(\.name)) == ["one", "two"])
        #expect(web.list().count == 3)
        #expect(token.hasPrefix("xpm_"))
        #expect { try web.revoke("two") } throws: { ($0 as? WireError)?.code == .ambiguous }
        #expect { try web.revoke("three") } throws: { ($0 as? WireError)?.code == .notFound }
        for token in web.list() where token.name == "two" { try web.revoke(token.id) }
        #expect(web.list().map(\.name) == ["one"])
    }

    @Test func theNumberOfTokensIsBounded() throws {
        for number in 0..<WebAccess.mostTokens { _ = try web.makeToken(named: "t\(number)", scope: .read) }
        #expect { try web.makeToken(named: "more", scope: .read) } throws: {
            ($0 as? WireError)?.code == .limitExceeded
        }
    }

    @Test func aLinkKeepsItsCodeFromServers() throws {
        let link = WebAccess.link(port: 8470, code: "abc", to: "/services/a b/?x=1&y")
        #expect(link == "http://localhost:8470/sign-in#code=abc&to=/services/a%20b/%3Fx%3D1%26y")
    }
}
