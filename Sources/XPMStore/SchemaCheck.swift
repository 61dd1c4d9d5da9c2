import GRDB

/// Compares the tables of a file with those that xpmd writes. A flipped bit may change a column's name, which SQLite takes for another
/// column, and somebody may have changed a table: nothing can be read or saved then, or not what was meant.
enum SchemaCheck {
    /// What is wrong with it, a clause; nil where every table is as its last step has left it.
    ///
    /// Facts are compared, not the text of a definition, which versions of SQLite may write in other ways. Tables, views and
    /// indexes beside are nobody's concern; a trigger changes what is saved.
    static func fault(_ db: Database, migrator: DatabaseMigrator) throws -> String? {
        let steps = migrator.migrations
        let applied = try migrator.appliedIdentifiers(db)
        guard applied == Set(steps.prefix(applied.count)) else { return "its list of schema steps is not in order" }
        let model = try DatabaseQueue()
        if let last = steps.prefix(applied.count).last { try migrator.migrate(model, upTo: last) }
        let wanted = try model.read(tables)
        let found = try tables(db)
        for (table, facts) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let found = found[table] else { return "its table '\(table)' is missing" }
            guard found == facts else { return "its table '\(table)' is not as xpmd has made it" }
        }
        // Without the steps that have made them these would be made once more.
        if applied.count < steps.count {
            try migrator.migrate(model)
            let later = try model.read(tables).keys.sorted()
            if let early = later.first(where: { wanted[$0] == nil && found[$0] != nil }) {
                return "its table '\(early)' is of none of the schema steps that it lists"
            }
        }
        let trigger = try Row.fetchOne(
            db, sql: "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        guard let trigger, wanted[trigger["tbl_name"] ?? ""] != nil else { return nil }
        return "its table '\(trigger["tbl_name"] ?? "")' has a trigger that xpmd has not made"
    }

    /// What is known of each table: its columns in their order, its references to others, and its options.
    private static func tables(_ db: Database) throws -> [String: [String]] {
        var tables: [String: [String]] = [:]
        let listed = try Row.fetchAll(
            db, sql: "SELECT name, type, strict, wr FROM pragma_table_list WHERE schema = 'main'")
        for table in listed {
            guard let name: String = table["name"], !name.hasPrefix("sqlite_"), !name.hasPrefix("grdb_") else {
                continue
            }
            let columns = try Row.fetchAll(
                db, sql: "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)",
                arguments: [name])
            let references = try Row.fetchAll(
                db,
                sql:
                    "SELECT \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq",
                arguments: [name])
            tables[name] = ([table] + columns + references).map { row in
                row.databaseValues.map(\.description).joined(separator: " ")
            }
        }
        return tables
    }
}
