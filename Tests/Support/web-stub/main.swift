import Glibc

// What tests of xpmd install as xpm-web: it says where it would serve and waits for signals. A file `stub` in the state folder has it fail
// instead, with its text for the reason; a named pipe `begun` there is told its pid first.

func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

func say(_ text: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
        $0.copyBytes(from: variable("NOTIFY_SOCKET").utf8.prefix($0.count - 1))
    }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            sendto(socket, text, text.utf8.count, 0, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    close(socket)
}

func put(_ text: String, to descriptor: Int32) { _ = write(descriptor, text, text.utf8.count) }

let state = variable("XPMD_STATE_DIR")
let begun = open(state + "/begun", O_WRONLY)
if begun >= 0 {
    put("\(getpid())\n", to: begun)
    close(begun)
}
let fault = open(state + "/stub", O_RDONLY)
if fault >= 0 {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(fault, &bytes, bytes.count)
    say("X_XPM_ERROR=\(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))")
    exit(69)
}
put(CommandLine.arguments.dropFirst().joined(separator: " ") + "\n", to: STDOUT_FILENO)
say("X_XPM_URL=http://localhost:8642/\nREADY=1")
while true { pause() }
