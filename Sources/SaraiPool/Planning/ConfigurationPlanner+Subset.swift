import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

extension ConfigurationPlanner {
    /// Plans some of the models, with those that are never unloaded: whether they can be in memory together, whatever becomes of
    /// the others.
    package func plan(only names: Set<ModelName>) -> MemoryPlan {
        var planner = self
        planner.configuration.models.removeAll { model in
            !names.contains(model.name) && !model.isPinned && !model.isResident
        }
        return planner.plan()
    }
}
