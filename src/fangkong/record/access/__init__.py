"""Who may see what where: roles as data, scope as ranges on the area code, applied here and nowhere else."""

from .actor import Actor, actor_of, system_actor
from .scope import inside_area, visible, visible_people

__all__ = ["Actor", "actor_of", "inside_area", "system_actor", "visible", "visible_people"]
