//! The directory: the members of the federation, and what each may be asked for.

use std::collections::BTreeSet;

use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::OrganisationKind;
use passerelle_domain::{Caller, NodeId, Timestamp};
use passerelle_linkage::names::match_form;
use passerelle_policy::{Askable, OwnAct, Parties, Party, askable, own_access};
use passerelle_store::View;
use passerelle_store::tables::peers;

use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

/// Which members to list; what is left out lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Words of the name, compared without case, accents, hyphens and apostrophes.
    pub name: String,
    /// Of one of these kinds.
    pub kinds: BTreeSet<OrganisationKind>,
    /// Of this territory.
    pub territory: String,
    /// Those also that are suspended.
    pub all: bool,
}

/// A member, as the directory shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberShown {
    /// What the trust list says of it.
    pub member: Member,
    /// Whether it is this node.
    pub own: bool,
    /// Since when this node cannot reach it; `None` where it can, has not tried, or does not tell.
    pub unreachable_since: Option<Timestamp>,
}

/// A member with what may be asked, before any person is thought of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFile {
    /// The member.
    pub shown: MemberShown,
    /// What this organisation may ask it for.
    pub to_ask: Vec<Askable>,
    /// What it may ask this organisation for.
    pub asked_of_us: Vec<Askable>,
}

impl Passerelle {
    /// The members of the trust list in force, by node. `token` is that of the page before, empty for
    /// the first.
    pub fn list_members(
        &self,
        caller: &Caller,
        filter: &MemberFilter,
        size: PageSize,
        token: &str,
    ) -> Result<Page<MemberShown>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let after: Option<NodeId> = page_token(token)?;
        let list = self.0.trust.list();
        let name = match_form(&filter.name);
        let later = |member: &&Member| after.as_ref().is_none_or(|after| member.node > *after);
        let mut members = list.members.iter().filter(later);
        let mut found = members
            .by_ref()
            .filter(|member| filter.accepts(&name, member))
            .peekable();
        let page: Vec<_> = found.by_ref().take(size.get()).collect();
        let last = page.last().filter(|_| found.peek().is_some());
        let next = last.map(|last| last.node.to_string());
        self.read(|view| {
            let shown = |member: &Member| self.member_shown(view, member);
            Ok(Page {
                items: page.into_iter().map(shown).collect::<Result<_, _>>()?,
                next,
            })
        })
    }

    /// One member, live or suspended, with what may be asked between it and this node. Nothing may
    /// where one of the two is suspended.
    pub fn directory_member(
        &self,
        caller: &Caller,
        node: &NodeId,
    ) -> Result<MemberFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let list = self.0.trust.list();
        let member = list.member(node).ok_or(ExchangeError::MemberUnknown)?;
        let shown = self.read(|view| self.member_shown(view, member))?;
        let own = list.member(&self.0.own.node);
        let both = own.filter(|own| !shown.own && own.is_live() && member.is_live());
        let rules = self.0.rules.now().1;
        let between = |holder, requester, denials| {
            let (holder, requester) = (Party::from(holder), Party::from(requester));
            askable(&Parties { holder, requester }, &rules, denials)
        };
        Ok(MemberFile {
            shown,
            // What it denies by itself is not told to anybody.
            to_ask: both.map_or_else(Vec::new, |own| between(member, own, &[])),
            asked_of_us: both.map_or_else(Vec::new, |own| between(own, member, &self.0.denials)),
        })
    }

    fn member_shown(&self, view: &View<'_>, member: &Member) -> Result<MemberShown, ExchangeError> {
        // Whoever is tried again and again has something to be told about somebody: of a member where
        // it must stay hidden that a person is known, that is not shown.
        let known = if member.sensitive {
            None
        } else {
            peers::find(view, &member.node)?
        };
        Ok(MemberShown {
            own: member.node == self.0.own.node,
            unreachable_since: known.and_then(|known| known.unreachable_since),
            member: member.clone(),
        })
    }
}

impl MemberFilter {
    /// `name` is the matching form of the name that is looked for.
    fn accepts(&self, name: &str, member: &Member) -> bool {
        let organisation = &member.organisation;
        (self.all || member.is_live())
            && (self.kinds.is_empty() || self.kinds.contains(&organisation.kind))
            && (self.territory.is_empty() || organisation.territories.contains(&self.territory))
            && match_form(&organisation.name).contains(name)
    }
}

#[cfg(test)]
mod tests;
