public import ArgumentParser
public import SwiftletTraining

// The raw values of these types are the values of the options.
extension TrainingTask: ExpressibleByArgument {}
extension TrainingFormat: ExpressibleByArgument {}
extension RowPolicy: ExpressibleByArgument {}
