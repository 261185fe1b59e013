public import CSwiftlet

/// Trains a model on labelled rows.
@c @implementation
public func swiftlet_train(
  _ options: UnsafePointer<CChar>?, _ sink: swiftlet_event_sink?,
  _ context: UnsafeMutableRawPointer?,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = ReportPlace(report)
    let job = try TrainingJob(options)
    place.write(try job.run(TrainingEvents(sink, context: context)))
  }
}
