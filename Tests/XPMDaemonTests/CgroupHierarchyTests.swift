import Testing

@testable import XPMDaemon

@Suite struct CgroupHierarchyTests {
    private static let hybrid = """
        29 23 0:26 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
        30 23 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate
        """
    private static let container = "30 23 0:27 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw"

    @Test func unifiedHierarchyIsFoundAmongTheOthers() throws {
        let hierarchy = try #require(CgroupHierarchy(mountInfo: Self.hybrid))
        #expect(hierarchy.mountPoint == "/sys/fs/cgroup/unified" && hierarchy.root == "/")
        #expect(hierarchy.folder("/") == "/sys/fs/cgroup/unified")
        #expect(hierarchy.folder("/a/b") == "/sys/fs/cgroup/unified/a/b")
    }

    @Test(arguments: ["", "29 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", "30 23 - cgroup2"])
    func withoutUnifiedHierarchyThereIsNone(mountInfo: String) {
        #expect(CgroupHierarchy(mountInfo: mountInfo) == nil)
    }

    @Test func cgroupIsTheUnifiedOne() throws {
        let hierarchy = try #require(CgroupHierarchy(mountInfo: Self.hybrid))
        #expect(hierarchy.cgroup(inFile: "9:name=systemd:/x\n0::/user.slice/a.service\n") == "/user.slice/a.service")
        #expect(hierarchy.cgroup(inFile: "9:name=systemd:/x\n") == nil)
    }

    @Test(arguments: ["0::/../other\n", "0::/gone (deleted)\n"])
    func cgroupOutOfSightIsNone(file: String) throws {
        #expect(try #require(CgroupHierarchy(mountInfo: Self.hybrid)).cgroup(inFile: file) == nil)
    }

    @Test func cgroupIsTakenFromTheMountedOne() throws {
        let hierarchy = try #require(CgroupHierarchy(mountInfo: Self.container))
        #expect(hierarchy.cgroup(inFile: "0::/docker/abc\n") == "/")
        #expect(hierarchy.cgroup(inFile: "0::/docker/abc/x\n") == "/x")
        #expect(hierarchy.cgroup(inFile: "0::/docker/abcd\n") == nil)
    }
}
