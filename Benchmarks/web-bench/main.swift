// The engine of xpm-web before one backend: `web-bench PORT BACKEND-PORT`.
import Glibc
import XPMWeb

guard CommandLine.arguments.count == 3, let port = UInt16(CommandLine.arguments[1]),
    let backend = UInt16(CommandLine.arguments[2])
else {
    print("usage: web-bench PORT BACKEND-PORT")
    exit(EX_USAGE)
}
exit(PlainProxy.run(port: port, backend: backend))
