"""What the tests of technology_mapping share: the problem, its modules, and instances as plain files."""

from shipped import Shipped

SHIPPED = Shipped("technology_mapping")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution
