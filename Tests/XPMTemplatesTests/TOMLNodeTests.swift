import Testing

@testable import XPMTemplates

/// What TOML becomes in memory; that nothing of it stays is what `scripts/leaks.py` shows.
struct TOMLNodeTests {
    @Test func valuesComeAsTheyStand() throws {
        let node = try TOMLNode.document(
            "a = 1\nb = -2.5\nc = true\nd = \"é\\n\"\ne = [1, [\"x\"], {}]\nf = 1979-05-27\n[g.h]\ni = -9223372036854775808\n"
        )
        guard case .table(let table) = node else { throw Failure() }
        #expect(table.keys.sorted() == ["a", "b", "c", "d", "e", "f", "g"])
        guard case .integer(1)? = table["a"], case .float(-2.5)? = table["b"], case .boolean(true)? = table["c"],
            case .string("é\n")? = table["d"], case .time? = table["f"], case .array(let elements)? = table["e"],
            case .table(let g)? = table["g"], case .table(let h)? = g["h"], case .integer(.min)? = h["i"]
        else { throw Failure() }
        #expect(elements.map(\.kind) == ["an integer", "an array", "a table"])
    }

    @Test(arguments: ["2026-11-30 12:30:00", "2026-11-30 ", "2026-11-30 # one", "2026-11-30", "2026-11-30 1"])
    func datesStandBeforeTimesOrAlone(text: String) throws {
        guard case .table(let table)? = try? TOMLNode.document("a = " + text) else {
            return #expect(text.hasSuffix(" 1"))
        }
        guard case .time? = table["a"] else { throw Failure() }
    }

    private struct Failure: Error {}
}
