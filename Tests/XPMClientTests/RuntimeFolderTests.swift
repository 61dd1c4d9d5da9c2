import Glibc
import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

/// The shared runtime folder is `/tmp/xpmd-UID`; these pretend to be users who are not there, so that no real instance is touched.
struct RuntimeFolderTests {
    private func fault(user: UInt32, _ prepare: (String) -> Void) throws -> WireError? {
        let places = try Places(environment: [:], user: user)
        rmdir(places.runtimeFolder)
        prepare(places.runtimeFolder)
        defer {
            rmdir(places.runtimeFolder)
            unlink(places.runtimeFolder)
        }
        do {
            // As the owner of what `prepare` makes, except where the test says otherwise.
            try places.checkRuntimeFolder(user: user == 3_999_999_001 ? user : getuid())
            return nil
        } catch { return error }
    }

    @Test func anothersFolderIsNotTrusted() throws {
        let error = try fault(user: 3_999_999_001) { mkdir($0, 0o700) }
        #expect(error?.code == .untrusted && error?.message.contains("belongs to user \(getuid())") == true)
    }

    @Test func aFolderThatOthersMayEnterIsNotTrusted() throws {
        let error = try fault(user: 3_999_999_002) { mkdir($0, 0o755) }
        #expect(error?.message.contains("its mode is 755") == true)
    }

    @Test func aLinkIsNotTrusted() throws {
        let error = try fault(user: 3_999_999_003) { symlink("/tmp", $0) }
        #expect(error?.message.contains("it is not a folder") == true)
    }

    @Test func anOwnPrivateFolderIsTrusted() throws {
        #expect(try fault(user: 3_999_999_004) { mkdir($0, 0o700) } == nil)
    }

    @Test func noFolderIsNoFault() throws {
        #expect(try fault(user: 3_999_999_005) { _ in } == nil)
    }
}
