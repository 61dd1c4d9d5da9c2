import Glibc
import Testing
import XPMProtocol

/// Logs that are rotated under a service that writes as fast as it can.
struct RotationTests {
    @Test func everyLineIsInOneFileOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            let count = 1_000_000
            // Stays until it is let go, so that the last look finds it alive.
            try xpmd.addScript("writer", "seq 1 \(count); echo end >\(go.path); exec sleep 1000", to: xpmd.open("lab"))
            {
                $0.log = LogPolicy(maximumBytes: 256 << 10, keep: 1000)
            }
            try xpmd.start("writer")
            #expect(try go.line() == "end")
            try xpmd.crash()
            try xpmd.launch()
            var (whole, offset) = ("", Int64(0))
            while true {
                let piece = try xpmd.call(
                    ServiceLogs(ServiceReference(parsing: "writer"), stream: .stdout, offset: offset, waitSeconds: 0)
                ).piece
                if piece.next == offset { break }
                (whole, offset) = (whole + piece.text, piece.next)
            }
            // What was torn off a line at the beginning of a file is blank there.
            let numbers = whole.split(whereSeparator: { $0 == "\n" || $0 == " " }).compactMap { Int($0) }
            #expect(numbers.count == count)
            #expect(zip(numbers, 1...).first { $0 != $1 } == nil)
            let path = try #require(try xpmd.service("writer").stdout)
            #expect(access(path + ".1", F_OK) == 0)
        }
    }
}
