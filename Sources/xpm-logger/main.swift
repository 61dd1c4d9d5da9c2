import Glibc
import XPMLogs

exit(LoggerProgram.run(arguments: CommandLine.arguments))
