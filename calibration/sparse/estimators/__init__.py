"""The scikit-learn estimators.

* `trials` checks parameters and data, once;
* `cross_validation` scores λ and q over folds;
* `group_svm` has `GroupSVM` and `GroupSVMCV`: one subject;
* `joint_fit` is what the estimators of several subjects share;
* `multi_task` has `MultiTaskGroupSVM`, `multi_task_cv` its λ_r and λ_s.
"""
