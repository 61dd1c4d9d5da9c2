import XPMCommands

Xpmctl.run()
