/// Every record after a sequence number, those that are there and those to come, in the order produced.
///
/// Pulled, not pushed: a page is read from the database only when the one before is used up, so a slow reader costs no
/// memory and loses nothing. It ends when Milepost is closed or the task is cancelled. What was handled is said by
/// ``MilepostClient/ack(_:)``; what was not comes again in the next process.
public struct Records: AsyncSequence, Sendable {
    public typealias Element = StoredRecord

    let client: MilepostClient
    let afterSeq: Int64?

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, afterSeq: afterSeq, rings: client.milepost.bells.rings().makeAsyncIterator())
    }

    /// Reads on.
    public struct Iterator: AsyncIteratorProtocol {
        let client: MilepostClient
        var afterSeq: Int64?
        var rings: AsyncStream<Void>.Iterator
        private var page: ArraySlice<StoredRecord> = []

        init(client: MilepostClient, afterSeq: Int64?, rings: AsyncStream<Void>.Iterator) {
            self.client = client
            self.afterSeq = afterSeq
            self.rings = rings
        }

        public mutating func next() async throws -> StoredRecord? {
            while page.isEmpty {
                if Task.isCancelled { return nil }
                do {
                    page = try await read()[...]
                } catch MilepostError.Closed {
                    return nil
                } catch {
                    // Between suspend and resume nothing can be read: the ring after it goes on.
                    if !client.milepost.isSuspended { throw error }
                }
                if page.isEmpty, await rings.next() == nil { return nil }
            }
            return page.popFirst()
        }

        private mutating func read() async throws -> [StoredRecord] {
            let after: Int64
            if let afterSeq { after = afterSeq } else { after = try await client.call { try $0.acked() } }
            let records = try await client.call { try $0.drain(after: after) }
            afterSeq = records.last?.seq ?? after
            return records
        }
    }
}

/// What Milepost is doing: as it is now, and at every change. Who is slow sees the last one only. It ends when Milepost
/// is closed or the task is cancelled.
public struct TrackingStates: AsyncSequence, Sendable {
    public typealias Element = TrackingState

    let client: MilepostClient

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, rings: client.milepost.bells.rings().makeAsyncIterator())
    }

    /// Looks on.
    public struct Iterator: AsyncIteratorProtocol {
        let client: MilepostClient
        var rings: AsyncStream<Void>.Iterator
        private var last: TrackingState?

        init(client: MilepostClient, rings: AsyncStream<Void>.Iterator) {
            self.client = client
            self.rings = rings
        }

        public mutating func next() async -> TrackingState? {
            while !Task.isCancelled {
                // Suspended or closed meanwhile: the next ring reads again, or there is none.
                if let state = try? await client.state(), state != last {
                    last = state
                    return state
                }
                if await rings.next() == nil { return nil }
            }
            return nil
        }
    }
}

/// The newest trips with all that is known of each: as it is now, and whenever any of it changes. Who is slow sees the last
/// one only. It ends when Milepost is closed or the task is cancelled.
public struct TripAccounts: AsyncSequence, Sendable {
    public typealias Element = [TripAccount]

    let client: MilepostClient
    let limit: Int32

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, limit: limit, rings: client.milepost.bells.rings().makeAsyncIterator())
    }

    /// Looks on.
    public struct Iterator: AsyncIteratorProtocol {
        let client: MilepostClient
        let limit: Int32
        var rings: AsyncStream<Void>.Iterator
        private var last: [[StoredRecord]]?

        init(client: MilepostClient, limit: Int32, rings: AsyncStream<Void>.Iterator) {
            self.client = client
            self.limit = limit
            self.rings = rings
        }

        public mutating func next() async -> [TripAccount]? {
            while !Task.isCancelled {
                // Suspended or closed meanwhile: the next ring reads again, or there is none.
                if let records = try? await read(), records != last {
                    last = records
                    if let trips = try? records.compactMap(TripAccount.init) { return trips }
                }
                if await rings.next() == nil { return nil }
            }
            return nil
        }

        private func read() async throws -> [[StoredRecord]] {
            let limit = limit
            return try await client.call { milepost in try milepost.trips(limit: limit).map { try milepost.trip($0.id) } }
        }
    }
}
