import Foundation
import MilepostKit
import MilepostTracking

extension MilepostTracker {
    /// The newest trips as a screen wants them: now, and again whenever anything about them may have changed.
    public func tripItems(limit: Int32 = 20) -> AsyncStream<[TripItem]> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let reader = Task {
                guard let client = await self.client() else { return continuation.finish() }
                for await _ in client.states {
                    let items = try? await client.call { milepost in
                        try milepost.trips(limit: limit).compactMap { try TripAccount(milepost.trip($0.id)).map(TripItem.init) }
                    }
                    if let items { continuation.yield(items) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in reader.cancel() }
        }
    }
}
