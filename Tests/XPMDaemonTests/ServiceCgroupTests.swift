import Glibc
import Testing

@testable import XPMDaemon

@Suite struct ServiceCgroupTests {
    /// Like the hierarchy of cgroups as far as folders go.
    private let scratch: Scratch
    private let cgroups: ServiceCgroup

    init() throws {
        scratch = try Scratch()
        var cgroups = ServiceCgroup(instance: "0123456789abcdef", environment: [:])
        cgroups.hierarchy = CgroupHierarchy(mountInfo: "30 23 0:27 / \(scratch.path) rw - cgroup2 cgroup2 rw")
        self.cgroups = cgroups
    }

    private func wishing(_ wish: String) -> ServiceCgroup {
        var cgroups = cgroups
        cgroups.wish = wish
        return cgroups
    }

    private func exists(_ folder: String) -> Bool { access(scratch.path + folder, F_OK) == 0 }

    @Test func noneIsWhatOneCanAskFor() {
        #expect(wishing("none").folder(forKeeper: 7) == (nil, "XPMD_CGROUP is none"))
    }

    @Test func wishedFolderIsTakenWithTheMountPointOrWithout() {
        #expect(wishing("/mine").folder(forKeeper: 7) == ("/mine", ""))
        #expect(wishing("\(scratch.path)/mine/").folder(forKeeper: 7) == ("/mine", ""))
        #expect(exists("/mine"))
    }

    @Test(arguments: ["/", "mine", "/none/mine"])
    func folderThatCannotBeHasAReason(wish: String) {
        let (folder, reason) = wishing(wish).folder(forKeeper: 7)
        #expect(folder == nil && !reason.isEmpty)
    }

    @Test func withoutTheHierarchyThereIsNone() {
        var cgroups = wishing("/mine")
        cgroups.hierarchy = nil
        #expect(cgroups.folder(forKeeper: 7) == (nil, "the unified hierarchy is not mounted"))
    }

    @Test func programStartedFromWithinAUnitIsNoUnit() {
        let environment = ["MANAGERPID": "1", "SYSTEMD_EXEC_PID": "\(getpid() + 1)", "NOTIFY_SOCKET": "/n"]
        #expect(ServiceCgroup(instance: "", environment: environment).unit == nil)
    }

    @Test func removalTakesWhatIsItsOwnAndLeavesTheRest() {
        let own = ["/xpmd-01234567-7", "/xpmd-01234567-7/keeper", "/xpmd-01234567-5", "/mine/keeper"]
        let others = ["/mine", "/mine/other", "/xpmd-76543210-7", "/other"]
        for folder in (own + others).sorted() { mkdir(scratch.path + folder, 0o700) }
        cgroups.remove("/mine")
        cgroups.remove("/xpmd-01234567-7")
        #expect(own.filter(exists).isEmpty)
        #expect(others.allSatisfy(exists))
    }

    @Test func cgroupThatIsInUseStays() {
        // A file in it stands for a process.
        for folder in ["/xpmd-01234567-5", "/xpmd-01234567-5/9"] { mkdir(scratch.path + folder, 0o700) }
        close(open("\(scratch.path)/xpmd-01234567-5/9/process", O_CREAT | O_WRONLY, 0o600))
        cgroups.remove("/xpmd-01234567-7")
        #expect(exists("/xpmd-01234567-5/9"))
    }

    @Test func leafOfItsOwnIsNotWhatXpmdWasGiven() {
        #expect(cgroups.home(of: "/box") == "/box")
        #expect(cgroups.home(of: "/box/xpmd-01234567") == "/box")
        #expect(cgroups.home(of: "/xpmd-01234567") == "/")
        // In a keeper's folder, where it has come from one of the attempts.
        #expect(cgroups.home(of: "/box/xpmd-01234567-5/xpmd-01234567") == "/box")
        #expect(cgroups.home(of: "/app/xpmd-keeper-5.scope/xpmd-01234567") == "/app/xpmd-keeper-5.scope")
        #expect(cgroups.home(of: "/box/xpmd-76543210") == "/box/xpmd-76543210")
    }

    @Test func cgroupOfAnAttemptIsKnownByItsFolder() {
        let folders: Set = ["/box/xpmd-01234567-5", "/mine"]
        #expect(cgroups.folder(ofAttempt: "/mine/12", among: folders) == "/mine")
        #expect(cgroups.folder(ofAttempt: "/mine/12/own/deeper", among: folders) == "/mine")
        #expect(cgroups.folder(ofAttempt: "/box/xpmd-01234567-5/3", among: folders) == "/box/xpmd-01234567-5")
        for other in ["/mine", "/mine/", "/mine/keeper", "/mine/xpmd-01234567", "/mine2/12", "/other/12"] {
            #expect(cgroups.folder(ofAttempt: other, among: folders) == nil, "\(other)")
        }
    }

    @Test func parentOfANewFolderHandsItsControllersOn() throws {
        mkdir(scratch.path + "/mine", 0o700)
        let file = scratch.path + "/mine/cgroup.subtree_control"
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        #expect(wishing("/mine/services").folder(forKeeper: 7) == ("/mine/services", ""))
        // The kernel takes one at a time; to a file the last one is written over the others.
        let isOthers = ServiceCgroup.isSystemdThere
        #expect(CgroupHierarchy.text(of: file)?.hasPrefix("+cpu") == !isOthers)
    }
}
