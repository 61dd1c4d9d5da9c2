import Glibc
import XPMWeb

exit(WebProgram.run(arguments: CommandLine.arguments))
