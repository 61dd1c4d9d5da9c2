import Testing
import XPMProtocol

@Suite struct VectorTests {
    @Test(arguments: Vector.all) func frameHoldsTheValueBesideIt(vector: Vector) throws {
        var splitter = FrameSplitter(limit: vector.kind == .request ? Frame.requestLimit : Frame.replyLimit)
        splitter.append(vector.frame)
        let payload = try #require(try splitter.next())
        #expect(try splitter.next() == nil)
        #expect(try Wire.decode(JSONValue.self, from: payload) == vector.json)
    }

    @Test(arguments: Vector.all) func typedReaderWritesTheSameBytes(vector: Vector) throws {
        let expected = try vector.canonical.map { Frame.encode(try Wire.encode($0)) } ?? vector.frame
        let written = Frame.encode(try vector.rewrite(vector.payload))
        #expect(
            written == expected,
            "wrote \(String(decoding: written.dropFirst(4), as: UTF8.self)), not \(String(decoding: expected.dropFirst(4), as: UTF8.self))"
        )
    }

    @Test(arguments: Vector.all.filter { !$0.isAsWritten }) func untypedReaderWritesTheSameBytes(vector: Vector) throws
    {
        let written = try Wire.encode(try Wire.decode(JSONValue.self, from: vector.payload))
        if vector.canonical == nil {
            #expect(written == vector.payload)
        } else {
            #expect(try Wire.decode(JSONValue.self, from: written) == vector.json)
        }
    }

    @Test func namesAreUnique() {
        let names = Dictionary(grouping: Vector.all, by: \.name).filter { $0.value.count > 1 }.keys
        #expect(names.isEmpty)
    }

    @Test(arguments: MethodKind.all) func everyMethodHasRequestAndResponse(method: MethodKind) {
        let kinds = Set(Vector.all.filter { $0.method == method.name }.map(\.kind))
        #expect(kinds == [.request, .response])
    }

    @Test func everyRequestToAHostHasAVector() {
        let found = Vector.all.filter { $0.kind == .hostRequest }.compactMap {
            $0.method.flatMap(HostRequest.Method.init)
        }
        #expect(Set(found) == Set(HostRequest.Method.allCases))
    }

    @Test func everyErrorThatIsSentHasAVector() throws {
        let sent = Set(ErrorCode.allCases).subtracting([.unreachable, .connectionLost, .untrusted])
        let found = try Vector.all.filter { $0.kind == .error && $0.canonical == nil }.map {
            try Wire.decode(Response<Empty>.self, from: $0.payload).error?.code
        }
        #expect(Set(found.compactMap(\.self)) == sent)
    }

    @Test func everyKindOfEventHasAVector() throws {
        let found = try Vector.all.filter { $0.kind == .event }.map {
            try Wire.decode(EventNotification.self, from: $0.payload).params.kind
        }
        #expect(Set(found) == Set(EventRecord.Kind.allCases))
    }
}
