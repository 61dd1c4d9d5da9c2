import NIOCore
import Testing

@testable import XPMDaemon

/// Names that the machine's own files tell.
@Suite struct HostsFileTests {
    private static let file = Array(
        """
        # 192.0.2.9 commented
        127.0.0.1\tlocalhost
        127.0.1.1 vm.example vm # its own name; notaname
        ::1 localhost ip6-localhost
        192.0.2.1   DB.Example db
        2001:db8::1 db
        not.an.address broken
        192.0.2.3
        192.0.2.4 crlf\r
        192.0.2.5 last
        """.utf8)

    @Test(arguments: [
        ("db", ["192.0.2.1", "2001:db8::1"]), ("Db.eXample", ["192.0.2.1"]), ("vm", ["127.0.1.1"]),
        ("crlf", ["192.0.2.4"]),
        ("last", ["192.0.2.5"]), ("localhost", ["127.0.0.1", "::1"]), ("commented", []), ("notaname", []),
        ("broken", []), ("192.0.2.3", []), ("d", []), ("", []), ("#", []),
    ])
    func nameHasTheAddressesOfItsLines(name: String, addresses: [String]) {
        #expect(HostsFile.addresses(of: name, in: Self.file).map(\.ipAddress) == addresses)
    }

    @Test func addressesAreBounded() {
        let lines = (0..<300).map { "192.0.2.\($0 % 250) many" }.joined(separator: "\n")
        #expect(HostsFile.addresses(of: "many", in: Array(lines.utf8)).count == 16)
    }

    @Test(arguments: [
        ("hosts: files dns", true), ("hosts:\tfiles", true), ("hosts:files dns", true), ("", true),
        ("passwd: files\n", true),
        ("# hosts: dns\nhosts: files", true), ("hosts: dns files", false),
        ("hosts: resolve [!UNAVAIL=return] files", false),
        ("passwd: dns\nhosts:   mymachines files", false), ("hosts: # nothing", false),
    ])
    func systemMayAskOthersFirst(switches: String, isFirst: Bool) {
        #expect(HostsFile.comesFirst(in: Array(switches.utf8)) == isFirst)
    }
}
