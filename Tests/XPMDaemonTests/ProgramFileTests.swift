import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct ProgramFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func fault(_ bytes: some Sequence<UInt8>) throws -> ProgramFile.Fault? {
        let file = try scratch.write("program", bytes, mode: 0o700)
        return ProgramFile.fault(of: file, folder: scratch.path, path: "\(scratch.path)/bin:/usr/bin:/bin")
    }

    @Test(arguments: [
        "#!/bin/sh\n", "#!/bin/sh", "#! /bin/sh -e\n", "#!/usr/bin/env sh\n", "#!/usr/bin/env -S sh -e\n",
        "#!/usr/bin/env -i sh\n", "#!/usr/bin/env A=b sh\n", "#!/bin/sh -e\r\n",
    ])
    func scriptsWithTheirInterpreterAreFine(text: String) throws { #expect(try fault(text.utf8) == nil) }

    @Test(arguments: [
        (
            "#!/bin/sh\r\necho\r\n", ProgramFile.Fault.Kind.lineEnds,
            #"Windows line endings (CRLF), so its interpreter is '/bin/sh\r'"#
        ),
        ("#!/usr/bin/env sh\r\n", .lineEnds, #"'sh\r' and not 'sh'"#),
        ("#!/nowhere/python4 -u\n", .interpreter, "the interpreter '/nowhere/python4', which does not exist"),
        ("#!/usr/bin/env python4.99\n", .interpreter, "the interpreter 'python4.99', which is not in its PATH"),
        ("#!/usr/bin/env sh -e\n", .interpreter, "'sh -e', which is not in its PATH"),
        ("#!/usr/bin/env -S python4.99 -u\n", .interpreter, "'python4.99'"), ("#!\n", .interpreter, "no interpreter"),
        ("#!/etc/passwd\n", .interpreter, "'/etc/passwd', which is not executable"),
        ("#!/tmp\n", .interpreter, "not executable"), ("#!nowhere/x\n", .interpreter, "'nowhere/x'"),
    ])
    func interpreterThatIsNotThereIsNamed(text: String, kind: ProgramFile.Fault.Kind, words: String) throws {
        let fault = try #require(try fault(text.utf8))
        #expect(fault.kind == kind)
        #expect(fault.text.contains(words), "\(fault.text)")
    }

    @Test(
        .disabled(if: BinaryFormats.hasOthers, "this kernel runs formats of others"),
        arguments: [
            ("", .data, "is empty"), ("echo hello\n", .format, "is text without a '#!' line"),
            ("\u{feff}#!/bin/sh\n", .byteOrderMark, "byte order mark"),
            ("MZ\u{0}\u{1}", .system, "Windows"), ("\u{0}\u{1}", .data, "is data"),
        ] as [(String, ProgramFile.Fault.Kind, String)])
    func whatIsNoProgramIsSaidToBeNone(text: String, kind: ProgramFile.Fault.Kind, words: String) throws {
        let fault = try #require(try fault(text.utf8))
        #expect(fault.kind == kind)
        #expect(fault.text.contains(words), "\(fault.text)")
    }

    @Test(.disabled(if: BinaryFormats.hasOthers, "this kernel runs formats of others"))
    func programOfAnotherMachineIsNamed() throws {
        let fault = try #require(try fault(Self.elf(machine: 243)))
        #expect(fault.kind == .architecture)
        #expect(fault.text == "is a program for RISC-V, which this machine cannot run")
    }

    @Test func missingLoaderIsNamed() throws {
        let fault = try #require(try fault(Self.elf(loader: "/lib/ld-nowhere.so.1")))
        #expect(fault.kind == .loader)
        #expect(fault.text == "needs the dynamic loader '/lib/ld-nowhere.so.1', which does not exist")
        #expect(try scratchFault("other", Self.elf(loader: "/bin/sh")) == nil)
        #expect(try scratchFault("static", Self.elf()) == nil)
    }

    private func scratchFault(_ name: String, _ bytes: [UInt8]) throws -> ProgramFile.Fault? {
        ProgramFile.fault(of: try scratch.write(name, bytes, mode: 0o700), folder: "/", path: nil)
    }

    @Test func chainOfScriptsEndsSomewhere() throws {
        let file = "\(scratch.path)/program"
        #expect(try fault("#!\(file)\n".utf8)?.kind == .interpreter)
    }

    @Test func ownProgramsAreFine() {
        #expect(ProgramFile.fault(of: "/proc/self/exe", folder: "/", path: nil) == nil)
        #expect(ProgramFile.fault(of: "/bin/sh", folder: "/", path: nil) == nil)
        #expect(ProgramFile.fault(of: "/nowhere", folder: "/", path: nil) == nil)
    }

    #if arch(arm64)
        private static let own: UInt16 = 183
    #else
        private static let own: UInt16 = 62
    #endif

    /// The head of a 64-bit program, with one entry in its table where it has a loader.
    private static func elf(machine: UInt16 = own, loader: String? = nil) -> [UInt8] {
        func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        var head: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
        head += bytes(UInt16(2)) + bytes(machine) + bytes(UInt32(1)) + bytes(UInt64(0)) + bytes(UInt64(64))
        head += bytes(UInt64(0)) + bytes(UInt32(0)) + bytes(UInt16(64)) + bytes(UInt16(56))
        head += bytes(UInt16(loader == nil ? 0 : 1)) + bytes(UInt16(0)) + bytes(UInt16(0)) + bytes(UInt16(0))
        guard let loader else { return head }
        head += bytes(UInt32(3)) + bytes(UInt32(4)) + bytes(UInt64(120)) + Array(repeating: 0, count: 40)
        return head + Array(loader.utf8) + [0]
    }
}
