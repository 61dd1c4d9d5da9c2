import Glibc

/// A list of C strings that ends with NULL, as execve wants it.
final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// nil if a string has a NUL within, which C would take for its end, or memory is short.
    init?(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        pointers.initialize(repeating: nil, count: count + 1)
        for (index, string) in strings.enumerated() {
            guard !string.utf8.contains(0), let copy = strdup(string) else { return nil }
            pointers[index] = copy
        }
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
