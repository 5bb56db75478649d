#if canImport(SwiftUI) && os(iOS)
    import DriverModel
    import MilepostTracking
    import SwiftUI

    /// Today's trips, each opened to its way, its events and its score.
    struct TripsView: View {
        let tracker: MilepostTracker
        @State private var trips: [TripItem] = []

        var body: some View {
            Section("Today") {
                if trips.isEmpty { Text("None yet. They appear by themselves when you drive.").foregroundStyle(.secondary) }
                ForEach(trips) { trip in DisclosureGroup { TripView(trip: trip) } label: { TripLabel(trip: trip) } }
            }
            .task { for await all in tracker.tripItems() { trips = TripItem.of(.now, all) } }
        }
    }
#endif
