import Testing
import XPMProtocol

struct StateOwnerTests {
    private func fault(
        user: UInt32, _ files: [String: UInt32], environment: [String: String] = ["HOME": "/home/ada"]
    ) throws -> String? {
        let places = try Places(environment: environment, user: user)
        do {
            try places.checkState(user: user) { path in
                files[path].map { FileFacts(owner: $0, isWritable: user == 0 || $0 == user) }
            }
            return nil
        } catch {
            #expect(error.code == .unreachable)
            return error.message
        }
    }

    /// As `sudo xpmctl` does, which keeps HOME.
    @Test func rootMakesNoFoldersInAnothersHome() throws {
        let files: [String: UInt32] = ["/": 0, "/home": 0, "/home/ada": 1000]
        #expect(
            try fault(user: 0, files)
                == "cannot make '/home/ada/.local/state/xpmd' in '/home/ada': it belongs to user 1000")
        #expect(try fault(user: 1000, files) == nil)
        #expect(try fault(user: 0, files, environment: ["HOME": "/home/ada", "XDG_STATE_HOME": "/home/ada/s"]) != nil)
        #expect(try fault(user: 0, files, environment: ["HOME": "/root"]) == nil)
    }

    @Test func aFolderThatIsNamedByItselfIsTheUsersWish() throws {
        #expect(try fault(user: 0, ["/": 0, "/data": 7], environment: ["XPMD_STATE_DIR": "/data/xpmd"]) == nil)
    }

    @Test func whatRootHasLeftBehindIsNamedWithItsOwner() throws {
        let state = "/home/ada/.local/state"
        #expect(
            try fault(user: 1000, ["/": 0, "/home/ada": 1000, "\(state)/xpmd": 0])
                == "cannot use '\(state)/xpmd': it belongs to user root")
        #expect(
            try fault(user: 1000, ["\(state)/xpmd": 1000, "\(state)/xpmd/xpmd.sqlite": 0])
                == "cannot use '\(state)/xpmd/xpmd.sqlite': it belongs to user root")
        #expect(
            try fault(user: 1000, ["/": 0, "/home/ada": 1000, state: 0])
                == "cannot make '\(state)/xpmd' in '\(state)': it belongs to user root")
    }
}
