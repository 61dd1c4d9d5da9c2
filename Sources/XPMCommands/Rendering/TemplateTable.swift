import XPMProtocol

/// Templates, and below each its parameters.
enum TemplateTable {
    static func text(_ templates: [TemplateRecord], style: Style, limit: Int? = nil) -> String {
        var table = Table(["TEMPLATE", "VALUE", "DESCRIPTION"], style: style, limit: limit)
        for template in templates {
            let fault = template.fault.map { fault in
                // The error says which template it is, and where.
                let said = "cannot use template \(Name.quoted(template.name)) (\(template.path)): "
                let cause = fault.hasPrefix(said) ? String(fault.dropFirst(said.count)) : fault
                return "not valid: \(cause) (\(template.path))"
            }
            table.add([Table.Cell(template.name), Table.Cell(""), Table.Cell(fault ?? template.description)])
            for parameter in template.parameters {
                table.add([
                    Table.Cell("  --\(parameter.name)"), Table.Cell(value(parameter)),
                    Table.Cell(parameter.description),
                ])
            }
        }
        return table.text
    }

    private static func value(_ parameter: TemplateRecord.Parameter) -> String {
        if parameter.required { return "\(parameter.kind.rawValue), required" }
        let fallback: String? =
            switch parameter.fallback {
            case .string(let text): text
            case .integer(let number): String(number)
            case .number(let number): String(number)
            case .bool(let flag): String(flag)
            case .null, .array, .object, nil: nil
            }
        return fallback.map { "\(parameter.kind.rawValue) [\($0)]" } ?? parameter.kind.rawValue
    }
}
