"""What the tests of memory scheduling share: the problem, its modules, and instances as plain files."""

from shipped import Shipped

SHIPPED = Shipped("memory_scheduling")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution
