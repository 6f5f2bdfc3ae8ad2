"""The estimators, for scikit-learn and without it.

* `trials` checks parameters and data, once;
* `cross_validation` scores λ and q over folds;
* `sparse_svm` is one subject's, and its search, without scikit-learn;
* `group_svm` has `GroupSVM`: one subject; `group_svm_cv` chooses its λ and q;
* `joint_fit` is what the estimators of several subjects share; `new_subject` draws one to others;
* `multi_task` has `MultiTaskGroupSVM`: several subjects; `multi_task_cv` chooses its λ_r and λ_s.
"""
