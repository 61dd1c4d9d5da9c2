import Testing

@testable import XPMMonitor

@Suite struct CanvasTests {
    @Test func wideAndCombiningCharactersKeepTheirColumns() {
        var canvas = Canvas(columns: 10, rows: 1)
        #expect(canvas.put("漢e\u{301}x", row: 0, column: 0) == 4)
        #expect(canvas[0, 0].text == "漢" && canvas[0, 0].width == 2)
        #expect(canvas[0, 1].width == 0)
        #expect(canvas[0, 2].text == "e\u{301}")
        #expect(canvas.line(0) == "漢e\u{301}x")
    }

    @Test func aWideCharacterThatDoesNotFitIsLeftOut() {
        var canvas = Canvas(columns: 3, rows: 1)
        #expect(canvas.put("ab漢", row: 0, column: 0) == 2)
        #expect(canvas.line(0) == "ab")
    }

    @Test func halfOfAWideCharacterIsNone() {
        var canvas = Canvas(columns: 4, rows: 1)
        canvas.put("漢字", row: 0, column: 0)
        canvas.put("x", row: 0, column: 1)
        #expect(canvas.line(0) == " x字")
        canvas.put("y", row: 0, column: 2)
        #expect(canvas.line(0) == " xy")
    }

    @Test func noControlCharacterGetsIntoACell() {
        var canvas = Canvas(columns: 20, rows: 2)
        canvas.put("a\u{1b}[2Jb\u{7}\r\n\u{9b}c\u{202e}d\u{200b}", row: 0, column: 0)
        for column in 0..<20 {
            for scalar in canvas[0, column].text.unicodeScalars {
                #expect(scalar.value >= 0x20 && scalar.value != 0x7f && scalar.value != 0x9b && scalar.value != 0x202e)
            }
        }
        #expect(canvas.line(1) == "")
    }

    @Test func manyMarksOnOneCharacterAreBounded() {
        var canvas = Canvas(columns: 4, rows: 1)
        canvas.put("e" + String(repeating: "\u{301}", count: 1000), row: 0, column: 0)
        #expect(canvas[0, 0].text.unicodeScalars.count < 8)
    }

    @Test func colorsFallToTheNearestThatThereIs() {
        #expect(Color.rgb(255, 0, 0).nearest256 == 196)
        #expect(Color.rgb(255, 0, 0).nearest(of: 8) == 1)
        #expect(Color.palette(9).nearest(of: 8) == 1)
        #expect(Color.rgb(128, 128, 128).nearest256 == 244)
        #expect(Color.standard.nearest(of: 8) == nil)
    }
}
