import Glibc
import Testing

@testable import XPMWeb

struct DashboardAssetTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        + "/Sources/XPMWeb/Dashboard/assets"

    @Test func everyFileOfTheDashboardIsCompiledInAsItStands() throws {
        let names = try #require(try Self.names())
        let served = DashboardAssets.all.keys.map { $0 == "/" ? "index.html" : String($0.dropFirst("/assets/".count)) }
        #expect(served.sorted() == names)
        for (path, asset) in DashboardAssets.all {
            let name = path == "/" ? "index.html" : String(path.dropFirst("/assets/".count))
            // Not within the expectation, which would print both.
            let isSame = asset.body == Self.bytes(of: name)
            #expect(isSame, "\(name) differs from its source")
        }
    }

    @Test func thePageRefersToNothingThatIsNotServed() throws {
        let page = String(decoding: try #require(DashboardAssets.asset(for: "/")).body, as: UTF8.self)
        for match in page.matches(of: /(?:src|href)="([^"#]+)/) {
            // Relative, for a gateway may be behind a prefix.
            #expect(DashboardAssets.asset(for: "/\(match.1)") != nil, "\(match.1) is missing")
        }
        for (path, asset) in DashboardAssets.all where path.hasSuffix(".js") {
            for match in String(decoding: asset.body, as: UTF8.self).matches(of: /from "\.\/([^"]+)"/) {
                #expect(DashboardAssets.asset(for: "/assets/\(match.1)") != nil, "\(path) imports \(match.1)")
            }
        }
    }

    /// The policy that our pages are served with forbids both, and a browser would drop them without a word.
    @Test func thePageHasNeitherInlineScriptsNorInlineStyles() throws {
        let page = String(decoding: try #require(DashboardAssets.asset(for: "/")).body, as: UTF8.self)
        #expect(!page.contains(/<script(?![^>]*\ssrc=)/))
        #expect(!page.contains(/<style|\sstyle=|\son[a-z]+=/))
    }

    @Test func nothingElseIsServed() {
        for path in ["", "/assets/", "/assets/../index.html", "/index.html", "/assets/main.js?x", "/assets/none.js"] {
            #expect(DashboardAssets.asset(for: path) == nil)
        }
    }

    @Test func tagsAreOfTheContent() throws {
        let tags = Set(DashboardAssets.all.values.map(\.etag))
        #expect(tags.count == DashboardAssets.all.count)
        #expect(tags.allSatisfy { $0.wholeMatch(of: /"[0-9a-f]{32}"/) != nil })
    }

    private static func names() throws -> [String]? {
        guard let folder = opendir(folder) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(of name: String) -> [UInt8] {
        guard let file = fopen("\(folder)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
