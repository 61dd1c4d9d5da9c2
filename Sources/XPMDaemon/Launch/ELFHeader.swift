import Glibc
import XPMProtocol

/// What the head of a program says of the machine and the loader that it needs (elf(5)).
enum ELFHeader {
    static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

    /// The machines of elf.h, by their numbers.
    private static let machines: [UInt16: String] = [
        2: "SPARC", 3: "32-bit x86", 8: "MIPS", 20: "PowerPC", 21: "64-bit PowerPC", 22: "S/390", 40: "32-bit ARM",
        62: "x86-64", 183: "64-bit ARM (aarch64)", 243: "RISC-V", 258: "LoongArch",
    ]
    private static let loaderType: UInt32 = 3

    #if arch(x86_64)
        private static let own: Set<UInt16> = [62, 3]
    #elseif arch(arm64)
        private static let own: Set<UInt16> = [183, 40]
    #else
        private static let own: Set<UInt16> = []
    #endif

    /// Nil for a program that this machine can run, as far as its head tells.
    static func fault(of head: FileHead) -> ProgramFile.Fault? {
        let reader = Reader(head.bytes)
        guard let machine = reader.number(at: 18, as: UInt16.self) else {
            return ProgramFile.Fault(kind: .format, text: "is a program that was cut off")
        }
        guard own.isEmpty || own.contains(machine) else {
            guard !BinaryFormats.hasOthers else { return nil }
            let name = machines[machine] ?? "another machine (ELF machine \(machine))"
            return ProgramFile.Fault(
                kind: .architecture, text: "is a program for \(name), which this machine cannot run")
        }
        guard let loader = loader(reader) else { return nil }
        Trail.at(loader)
        guard access(loader, F_OK) != 0 else { return nil }
        return ProgramFile.Fault(
            kind: .loader, text: "needs the dynamic loader \(Name.quoted(loader)), which does not exist")
    }

    /// The path of the program's loader; nil where it has none, or not within the head.
    private static func loader(_ reader: Reader) -> String? {
        let isWide = reader.bytes[4] == 2
        let (tableAt, sizeAt, countAt) = isWide ? (32, 54, 56) : (28, 42, 44)
        guard let table = reader.offset(at: tableAt, isWide: isWide),
            let size = reader.number(at: sizeAt, as: UInt16.self),
            let count = reader.number(at: countAt, as: UInt16.self)
        else { return nil }
        for index in 0..<min(Int(count), 64) {
            let entry = table + index * Int(size)
            guard let type = reader.number(at: entry, as: UInt32.self) else { return nil }
            guard type == loaderType else { continue }
            guard let start = reader.offset(at: entry + (isWide ? 8 : 4), isWide: isWide), start < reader.bytes.count,
                let end = reader.bytes[start...].firstIndex(of: 0), end > start
            else { return nil }
            return String(decoding: reader.bytes[start..<end], as: UTF8.self)
        }
        return nil
    }

    /// Reads numbers in the byte order of the file.
    private struct Reader {
        let bytes: [UInt8]
        private let isLittleEndian: Bool

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            isLittleEndian = bytes.count > 5 && bytes[5] == 1
        }

        func number<Number: FixedWidthInteger>(at place: Int, as type: Number.Type) -> Number? {
            let size = Number.bitWidth / 8
            guard place >= 0, bytes.count >= size, place <= bytes.count - size else { return nil }
            let piece = bytes[place..<(place + size)]
            return (isLittleEndian ? Array(piece.reversed()) : Array(piece)).reduce(0) { $0 << 8 | Number($1) }
        }

        /// An offset that may lie within the head.
        func offset(at place: Int, isWide: Bool) -> Int? {
            let value =
                isWide ? number(at: place, as: UInt64.self) : number(at: place, as: UInt32.self).map(UInt64.init)
            return value.flatMap { $0 < UInt64(bytes.count) ? Int($0) : nil }
        }
    }
}
