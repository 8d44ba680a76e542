"""What the tests of intra-operator parallelism share: the problem, its modules, and instances as plain files."""

from shipped import Shipped

SHIPPED = Shipped("intra_op_parallel")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution
