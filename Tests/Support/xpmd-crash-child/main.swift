// xpmd, but that it ends when it takes up what XPM_TEST_CRASH names, in the way that XPM_TEST_CRASH_BY names: as over an input that
// no check has found.

import Glibc
import XPMDaemon

func text(of name: String) -> String? { getenv(name).map { String(cString: $0) } }

var program = DaemonProgram()
if let place = CommandLine.arguments.firstIndex(of: "--ready-fd"), place + 1 < CommandLine.arguments.count {
    program.readyDescriptor = CInt(CommandLine.arguments[place + 1])
}
if let culprit = text(of: "XPM_TEST_CRASH") {
    let way = text(of: "XPM_TEST_CRASH_BY")
    program.reached = { item in
        guard item == culprit else { return }
        switch way {
        case "abort": abort()
        case "kill": kill(getpid(), SIGKILL)
        default:
            var number = Int.max
            withUnsafeMutablePointer(to: &number) { $0.pointee += 1 }
        }
    }
}
exit(program.run())
