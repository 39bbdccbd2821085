import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

extension ConfigurationPlanner {
    /// Plans some of the models, with those that are never unloaded: whether they can be in memory together, whatever becomes of
    /// the others.
    ///
    /// - Parameters:
    ///   - names: the models.
    ///   - others: models that will not be loaded, also if they are among `names` or never unloaded.
    /// - Returns: a line per model that is planned, in the order of the configuration.
    package func plan(only names: Set<ModelName>, without others: Set<ModelName> = []) -> MemoryPlan {
        var planner = self
        planner.configuration.models.removeAll { model in
            others.contains(model.name) || !names.contains(model.name) && !model.isPinned && !model.isResident
        }
        return planner.plan()
    }
}
