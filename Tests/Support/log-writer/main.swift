import Glibc

// What tests and benchmarks have for a service.
//
//     log-writer numbered FIRST COUNT    numbered lines of different lengths, one write each, to standard output
//     log-writer check FILE …            how many lines of `numbered 0 …` these files have, one after the other; ends with 1 where they do not
//     log-writer plain BYTES SIZE        BYTES in writes of SIZE bytes, each a line, with the time it took in ns on standard error

func put(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while !rest.isEmpty {
        let count = write(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        // Which a service of ours must never see.
        guard count > 0 else { exit(errno == EPIPE ? 32 : 1) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}

func number(_ index: Int) -> Int {
    guard index < CommandLine.arguments.count, let value = Int(CommandLine.arguments[index]), value >= 0 else {
        exit(64)
    }
    return value
}

let filler = [UInt8](repeating: UInt8(ascii: "."), count: 512)

/// Lengths that meet no power of two, some of them of a single digit.
func line(_ index: Int) -> [UInt8] {
    var line = Array(String(index).utf8)
    if index % 3 != 0 { line += [UInt8(ascii: " ")] + filler[..<(index * 7919 % 251)] }
    line.append(UInt8(ascii: "\n"))
    return line
}

func check(_ paths: ArraySlice<String>) -> Never {
    var count = 0
    var wanted = line(0)
    var matched = 0
    for path in paths {
        let file = open(path, O_RDONLY)
        let size = Int(lseek(file, 0, SEEK_END))
        guard file >= 0, size >= 0 else { exit(2) }
        if size == 0 { continue }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { exit(2) }
        var place = 0
        while place < size {
            let length = min(wanted.count - matched, size - place)
            let isSame = wanted.withUnsafeBytes { bytes in
                bytes.baseAddress.map { memcmp(start + place, $0 + matched, length) == 0 } ?? false
            }
            guard isSame else {
                print("line \(count) is not at \(place) of \(path)")
                exit(1)
            }
            place += length
            matched += length
            guard matched == wanted.count else { continue }
            count += 1
            wanted = line(count)
            matched = 0
        }
        munmap(start, size)
        close(file)
    }
    print("\(count) lines")
    exit(0)
}

signal(SIGPIPE, SIG_IGN)
switch CommandLine.arguments.dropFirst().first {
case "numbered":
    let first = number(2)
    for index in first..<first + number(3) { line(index).withUnsafeBytes(put) }
case "check": check(CommandLine.arguments.dropFirst(2))
case "plain":
    let size = number(3)
    var block = [UInt8](repeating: UInt8(ascii: "x"), count: max(size, 1))
    block[block.count - 1] = UInt8(ascii: "\n")
    var start = timespec()
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    for _ in 0..<number(2) / block.count { block.withUnsafeBytes(put) }
    clock_gettime(CLOCK_MONOTONIC, &end)
    let text = Array("\((end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
default: exit(64)
}
