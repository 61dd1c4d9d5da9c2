import Testing

@Suite struct FloorPlanTests {
    @Test func everyTargetHasOneRowAndEveryRowATarget() throws {
        let rows = try FloorPlan().rows.map(\.target).sorted()
        #expect(rows == (try Manifest().targets.map(\.name).sorted()))
        #expect(rows == (try Repository.names(in: "Sources")))
    }

    @Test func sourcesImportWhatTheirRowAllowsAndNothingElse() throws {
        for row in try FloorPlan().rows {
            var imported: Set<String> = []
            for file in try Repository.files(in: "Sources/\(row.target)") {
                let modules = try Repository.imports(file)
                imported.formUnion(modules)
                let beyond = modules.subtracting(row.mayImport).sorted()
                #expect(beyond.isEmpty, "\(file) imports \(beyond), which the row of \(row.target) does not allow")
            }
            let unused = row.mayImport.subtracting(imported).sorted()
            #expect(unused.isEmpty, "the row of \(row.target) allows \(unused), which it does not import")
        }
    }

    @Test func targetsDependOnNoTargetThatTheyMayNotImport() throws {
        let rows = try FloorPlan().rows
        for target in try Manifest().targets {
            let allowed = rows.first { $0.target == target.name }?.mayImport ?? []
            for other in rows where other.target != target.name && target.declaration.contains("\"\(other.target)\"") {
                #expect(allowed.contains(other.target), "\(target.name) depends on \(other.target)")
            }
        }
    }

    @Test func readsEveryFormOfImport() throws {
        #expect(try Repository.imports("Tests/ArchitectureTests/FloorPlanTests.swift") == ["Testing"])
        #expect(try Repository.imports("Sources/xpmctl/main.swift") == ["XPMCommands"])
    }
}
