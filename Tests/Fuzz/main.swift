// The program that `make fuzz` runs, with libFuzzer's own arguments; XPM_FUZZ_TARGET names the target. Without one it lists them.
import Glibc

@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ check: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Here, because libFuzzer's callback can capture nothing.
enum Chosen {
    // Not an argument: libFuzzer starts itself again with its own arguments.
    static let target = getenv("XPM_FUZZ_TARGET").flatMap { FuzzTarget.named(String(cString: $0)) }
}

guard Chosen.target != nil else {
    for target in FuzzTarget.all { print(target.name, target.lengthLimit) }
    exit(getenv("XPM_FUZZ_TARGET") == nil ? 0 : 64)
}

var arguments = CommandLine.unsafeArgv
var count = CommandLine.argc
exit(
    runFuzzer(&count, &arguments) { start, length in
        do {
            try Chosen.target?.check([UInt8](UnsafeBufferPointer(start: start, count: length)))
        } catch {
            fatalError("\(error)")
        }
        return 0
    })
