/// How a cell looks.
struct Look: Hashable, Sendable {
    var foreground = Color.standard
    var background = Color.standard
    var attributes: Attributes = []

    /// What may be added to a colour.
    struct Attributes: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let bold = Attributes(rawValue: 1)
        static let dim = Attributes(rawValue: 2)
        static let underline = Attributes(rawValue: 4)
        static let reverse = Attributes(rawValue: 8)
    }

    static let plain = Look()
    static let bold = Look(attributes: .bold)
    static let dim = Look(attributes: .dim)
    static let reverse = Look(attributes: .reverse)

    static func color(_ number: UInt8, _ attributes: Attributes = []) -> Look {
        Look(foreground: .palette(number), attributes: attributes)
    }

    /// The same with what is added.
    func adding(_ more: Attributes) -> Look {
        var look = self
        look.attributes.formUnion(more)
        return look
    }
}

/// A colour as programs ask for it; the terminal shows the nearest one that it has.
enum Color: Hashable, Sendable {
    case standard
    case palette(UInt8)
    case rgb(UInt8, UInt8, UInt8)

    /// The nearest of the 256 colours: 16 of the terminal's own, a cube of 6 × 6 × 6, and 24 greys.
    var nearest256: UInt8? {
        switch self {
        case .standard: return nil
        case .palette(let number): return number
        case .rgb(let red, let green, let blue):
            if red == green, green == blue {
                if red < 8 { return 16 }
                if red > 238 { return 231 }
                return 232 + (red - 8) / 10
            }
            func step(_ value: UInt8) -> UInt8 { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
            return 16 + 36 * step(red) + 6 * step(green) + step(blue)
        }
    }

    /// The nearest of the first `count` colours: 8, 16 or 256.
    func nearest(of count: Int) -> UInt8? {
        guard let number = nearest256, Int(number) >= count else { return nearest256 }
        if number < 16 { return number & 7 }
        if number >= 232 { return number < 244 ? 0 : 7 }
        let (red, green, blue) = ((number - 16) / 36, (number - 16) / 6 % 6, (number - 16) % 6)
        return (red > 2 ? 1 : 0) | (green > 2 ? 2 : 0) | (blue > 2 ? 4 : 0)
    }

    /// What one of the 256 colours mostly looks like.
    static func components(_ number: UInt8) -> (UInt8, UInt8, UInt8) {
        switch number {
        case 0..<8: return (number & 1 > 0 ? 205 : 0, number & 2 > 0 ? 205 : 0, number & 4 > 0 ? 205 : 0)
        case 8..<16: return (number & 1 > 0 ? 255 : 100, number & 2 > 0 ? 255 : 100, number & 4 > 0 ? 255 : 100)
        case 232...255:
            let grey = 8 + (number - 232) * 10
            return (grey, grey, grey)
        default:
            func level(_ step: UInt8) -> UInt8 { step == 0 ? 0 : 55 + step * 40 }
            return (level((number - 16) / 36), level((number - 16) / 6 % 6), level((number - 16) % 6))
        }
    }
}
