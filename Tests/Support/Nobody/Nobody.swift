import Glibc

/// Calls `body` on a thread that has no right to files of others, where the tests are run by root.
public func asNobody<Value>(_ body: () throws -> Value) rethrows -> Value {
    // setfsuid(2), which is the thread's own; Glibc's module has it not.
    typealias SetUser = @convention(c) (UInt32) -> CInt
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "setfsuid") else { fatalError("there is no setfsuid") }
    let setUser = unsafeBitCast(symbol, to: SetUser.self)
    let before = setUser(65534)
    defer { _ = setUser(UInt32(before)) }
    return try body()
}
