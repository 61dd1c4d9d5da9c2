import Glibc
import XPMKeeping

exit(KeeperProgram.run(arguments: CommandLine.arguments))
