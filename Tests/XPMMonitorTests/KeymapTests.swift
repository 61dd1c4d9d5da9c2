import Testing

@testable import XPMMonitor

@Suite struct KeymapTests {
    @Test func noKeyDoesTwoThingsAndEveryActionHasOne() {
        let keymap = Keymap()
        var seen: Set<Key> = []
        for action in Action.allCases {
            #expect(!keymap[action].isEmpty, "\(action) has no key")
            for key in keymap[action] {
                #expect(seen.insert(key).inserted, "\(key.name) is there twice")
                #expect(keymap[key] == action)
            }
        }
    }

    @Test func namesOfKeysReadBack() {
        for action in Action.allCases {
            for key in Keymap()[action] { #expect(Key(named: key.name) == key, "\(key.name)") }
        }
    }

    @Test func settingsChangeAndSwapKeys() throws {
        let keymap = try Keymap(settings: "# mine\nstart = Ctrl+K\nstop = Ctrl+S, x\n\nquit =\n")
        #expect(keymap[.control("k")] == .start)
        #expect(keymap[.control("s")] == .stop)
        #expect(keymap[.character("x")] == .stop)
        #expect(keymap[.character("q")] == nil)
    }

    @Test(arguments: [
        ("stop", "line 1 has no '='"), ("halt = x", "line 1: there is no action 'halt'"),
        ("stop = Ctrl+M", "line 1: there is no key 'Ctrl+M'"),
        ("\nstop = r", "line 2: r is the key of both restart and stop"),
        ("stop = x\nstop = y", "line 2: 'stop' is there twice"),
    ]) func aWrongSettingIsNamed(_ text: String, _ fault: String) {
        #expect(throws: Keymap.Fault(message: fault)) { try Keymap(settings: text) }
    }
}
