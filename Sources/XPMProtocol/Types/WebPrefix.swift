/// The path below which a gateway serves a service.
public enum WebPrefix {
    /// `/services/monitoring/wandb` of the id `monitoring/wandb`: without a slash at the end, and percent-encoded but for what
    /// RFC 3986 reserves for nothing.
    public static func path(of id: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var bytes = Array("/services/".utf8)
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
