import Testing

@testable import XPMKeeping

struct CgroupMountsTests {
    private func folder(of path: String, root: String, point: String = "/sys/fs/cgroup") -> String? {
        CgroupMounts(mountinfo: "31 22 0:27 \(root) \(point) rw,nosuid shared:5 - cgroup2 cgroup2 rw").folder(of: path)
    }

    @Test func mountIsFoundAmongOthers() {
        let table = """
            22 1 0:20 / /sys rw - sysfs sysfs rw
            32 22 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            31 22 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:5 - cgroup2 cgroup2 rw,nsdelegate
            """
        #expect(CgroupMounts(mountinfo: table).folder(of: "/a/1") == "/sys/fs/cgroup/unified/a/1")
        #expect(CgroupMounts(mountinfo: table).folder(of: "/") == "/sys/fs/cgroup/unified")
        #expect(CgroupMounts(mountinfo: "22 1 0:20 / /sys rw - sysfs sysfs rw").folder(of: "/a") == nil)
        #expect(CgroupMounts(mountinfo: "22 1 0:20 / /sys rw - \n\n- cgroup2").folder(of: "/a") == nil)
    }

    @Test func partThatAMountShowsIsLeftOut() {
        #expect(folder(of: "/box/a", root: "/box") == "/sys/fs/cgroup/a")
        #expect(folder(of: "/box", root: "/box") == "/sys/fs/cgroup")
        #expect(folder(of: "/boxes/a", root: "/box") == nil)
        #expect(folder(of: "/a", root: "/..") == nil)
    }

    @Test func anotherMountMayShowWhatTheFirstDoesNot() {
        let table = """
            31 22 0:27 /box /box rw - cgroup2 cgroup2 rw
            32 22 0:27 /a /elsewhere rw - cgroup2 cgroup2 rw
            """
        #expect(CgroupMounts(mountinfo: table).folder(of: "/a/1") == "/elsewhere/1")
    }

    @Test func escapedNamesAreRead() {
        #expect(folder(of: "/a", root: "/", point: "/my\\040cgroups\\134") == "/my cgroups\\/a")
        #expect(folder(of: "/my box/a", root: "/my\\040box") == "/sys/fs/cgroup/a")
        #expect(folder(of: "/a", root: "/", point: "/odd\\04") == "/odd\\04/a")
    }

    @Test(arguments: ["", "a", "/a/../b", "/a//b", "/a/", "/.", "/a\0"])
    func pathThatMayLeadElsewhereIsNone(_ path: String) {
        #expect(folder(of: path, root: "/") == nil)
    }
}
