import Testing
import XPMClient
import XPMProtocol

struct PlacesTests {
    private func places(_ environment: [String: String]) throws -> Places {
        try Places(environment: environment, user: 1000)
    }

    @Test func runtimeFolderIsXDGs() throws {
        let places = try places(["XDG_RUNTIME_DIR": "/run/user/1000", "HOME": "/home/ada"])
        #expect(places.socket == "/run/user/1000/xpmd/xpmd.sock")
        #expect(places.runtimeFolder == "/run/user/1000/xpmd")
        #expect(!places.isRuntimeFolderShared && !places.isOverridden)
    }

    @Test func withoutRuntimeFolderATemporaryOneIsCheckedFor() throws {
        let places = try places(["HOME": "/home/ada"])
        #expect(places.socket == "/tmp/xpmd-1000/xpmd.sock")
        #expect(places.isRuntimeFolderShared)
    }

    @Test func foldersFollowXDGThenHome() throws {
        let home = try places(["HOME": "/home/ada/"])
        #expect(try home.stateFolder == "/home/ada/.local/state/xpmd")
        #expect(try home.configFolder == "/home/ada/.config/xpmd")
        #expect(try home.cacheFolder == "/home/ada/.cache/xpmd")
        let own = try places(["HOME": "/h", "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "/k"])
        #expect(try [own.stateFolder, own.configFolder, own.cacheFolder] == ["/s/xpmd", "/c/xpmd", "/k/xpmd"])
    }

    @Test func relativeXDGPathsAreIgnored() throws {
        let places = try places(["XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state", "HOME": "/home/ada"])
        #expect(places.runtimeFolder == "/tmp/xpmd-1000")
        #expect(try places.stateFolder == "/home/ada/.local/state/xpmd")
    }

    @Test func overridesAreTheFoldersThemselves() throws {
        let places = try places([
            "XPMD_RUNTIME_DIR": "/t/run", "XPMD_STATE_DIR": "/t/state", "XPMD_CONFIG_DIR": "/t/config",
            "XPMD_CACHE_DIR": "/t/cache",
            "XDG_RUNTIME_DIR": "/run/user/1000",
        ])
        #expect(places.socket == "/t/run/xpmd.sock")
        #expect(
            try [places.stateFolder, places.configFolder, places.cacheFolder] == ["/t/state", "/t/config", "/t/cache"])
        #expect(places.isOverridden && !places.isRuntimeFolderShared)
    }

    @Test func aSocketOfItsOwnLeavesTheFolders() throws {
        let places = try places(["XPMD_SOCKET": "/t/own.sock", "XDG_RUNTIME_DIR": "/run/user/1000"])
        #expect(places.socket == "/t/own.sock")
        #expect(places.runtimeFolder == "/run/user/1000/xpmd")
    }

    @Test func relativeOverridesAreRefused() {
        #expect { try places(["XPMD_STATE_DIR": "state"]) } throws: {
            ($0 as? WireError)?.code == .invalidParameters && "\($0)".contains("XPMD_STATE_DIR")
        }
    }

    @Test func withoutHomeOnlyTheFoldersThatNeedItAreRefused() throws {
        let places = try places(["XDG_RUNTIME_DIR": "/run/user/1000"])
        #expect(places.socket == "/run/user/1000/xpmd/xpmd.sock")
        #expect { try places.stateFolder } throws: { ($0 as? WireError)?.code == .folderNotFound }
    }

    /// As below cron, Slurm, `docker exec` and `su`.
    @Test(
        arguments: [
            (nil, "it does not exist"), (FileFacts(owner: 0, isWritable: false), "it belongs to user root"),
            (FileFacts(owner: 7, isWritable: true), "it belongs to user 7"),
            (FileFacts(owner: 1000, isWritable: false), "it is not writable"),
            (FileFacts(owner: 1000, isWritable: true, isFolder: false), "it is not a folder"),
        ] as [(FileFacts?, String)])
    func anXDGFolderThatCannotBeUsedIsAsGoodAsNone(found: FileFacts?, fault: String) throws {
        let places = try Places(environment: ["XDG_RUNTIME_DIR": "/run/user/0"], user: 1000) { _ in found }
        #expect(places.runtimeFolder == "/tmp/xpmd-1000" && places.isRuntimeFolderShared)
        #expect(places.warning == "XDG_RUNTIME_DIR=/run/user/0 is not used: \(fault); using /tmp/xpmd-1000")
        let named = try Places(
            environment: ["XDG_RUNTIME_DIR": "/run/user/0", "XPMD_RUNTIME_DIR": "/r"], user: 1000
        ) { _ in found }
        #expect(named.runtimeFolder == "/r" && named.warning == nil)
    }

    @Test func anXDGFolderOfTheUsersOwnIsUsed() throws {
        let places = try Places(environment: ["XDG_RUNTIME_DIR": "/run/user/1000"], user: 1000) { _ in
            FileFacts(owner: 1000, isWritable: true)
        }
        #expect(places.socket == "/run/user/1000/xpmd/xpmd.sock" && places.warning == nil)
    }
}
