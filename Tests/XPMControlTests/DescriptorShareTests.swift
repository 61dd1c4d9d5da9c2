import Testing

@testable import XPMControl

struct DescriptorShareTests {
    @Test(arguments: [
        (64, 16), (128, 64), (256, 192), (512, 448), (1024, 896), (4096, 3584), (65_536, 61_440),
        (1 << 30, 1 << 30 - 4096),
    ])
    func anEighthIsKeptForWork(limit: Int, connections: Int) {
        #expect(DescriptorShare(limit: limit).connections == connections)
    }

    @Test func whoeverIsRefusedHasRoomInTheReserve() {
        for limit in [0, 1, 2, 3, 8, 16, 63, 64, 65, 100, 256, 1024, 65_536, .max] {
            let share = DescriptorShare(limit: limit)
            #expect(share.connections >= 1 && share.refusals >= 0, "\(limit)")
            if limit >= 8 { #expect(share.connections + share.refusals < limit, "\(limit)") }
        }
    }
}
