#if canImport(SwiftUI) && (os(iOS) || MILEPOST_STANDINS)
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
            .task { for await all in tracker.trips() { trips = TripItem.of(.now, all.map(TripItem.init)) } }
        }
    }
#endif
