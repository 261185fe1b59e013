public import ArgumentParser
public import SwiftletTraining

// The raw values of these types are the values of the options.
extension LabelIssues.Filter: ExpressibleByArgument {}
extension LabelIssues.Ranking: ExpressibleByArgument {}
